//! Scatter plots as SVG.

use std::path::Path;

use plotters::prelude::*;

use crate::failure::Failure;

/// What is drawn: positive values on logarithmic axes.
pub(crate) struct Scatter<'a> {
    pub(crate) title: &'a str,
    pub(crate) x_label: &'a str,
    pub(crate) y_label: &'a str,
    /// x and y of each point.
    pub(crate) points: &'a [(f64, f64)],
}

const SIZE: (u32, u32) = (900, 600);

impl Scatter<'_> {
    /// Writes the plot to a file.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Failure> {
        let mut text = String::new();
        self.draw(&mut text).map_err(|error| Failure::infrastructure(format!("the plot: {error}")))?;
        std::fs::write(path, text).map_err(|error| Failure::infrastructure(format!("{}: {error}", path.display())))
    }

    fn draw(&self, text: &mut String) -> Result<(), Box<dyn std::error::Error + '_>> {
        let root = SVGBackend::with_string(text, SIZE).into_drawing_area();
        root.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&root)
            .caption(self.title, ("sans-serif", 20))
            .margin(16)
            .x_label_area_size(48)
            .y_label_area_size(80)
            .build_cartesian_2d(
                range(self.points.iter().map(|point| point.0)).log_scale(),
                range(self.points.iter().map(|point| point.1)).log_scale(),
            )?;
        let number = |value: &f64| format!("{value:e}");
        chart
            .configure_mesh()
            .x_desc(self.x_label)
            .y_desc(self.y_label)
            .x_label_formatter(&number)
            .y_label_formatter(&number)
            .draw()?;
        let marks = self.points.iter().map(|(x, y)| Circle::new((*x, *y), 4, RGBColor(0, 90, 156).mix(0.6).filled()));
        chart.draw_series(marks)?;
        root.present()?;
        Ok(())
    }
}

/// From below the least to above the largest; any range where there is nothing.
fn range(values: impl Iterator<Item = f64>) -> std::ops::Range<f64> {
    let (least, most) =
        values.fold((f64::INFINITY, 0.0_f64), |(least, most), value| (least.min(value), most.max(value)));
    if least.is_finite() { least / 1.5..most * 1.5 } else { 1.0..10.0 }
}

#[cfg(test)]
mod tests {
    use super::Scatter;

    #[test]
    fn every_point_is_drawn() {
        let points: Vec<_> = (1..=5).map(|at| (f64::from(at), 10.0_f64.powi(at))).collect();
        let plot = Scatter { title: "T", x_label: "x", y_label: "y", points: &points };
        let mut text = String::new();
        assert!(plot.draw(&mut text).is_ok());
        assert_eq!(text.matches("<circle").count(), 5);
        let none = Scatter { points: &[], ..plot };
        assert!(none.draw(&mut String::new()).is_ok());
    }
}
