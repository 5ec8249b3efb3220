fn bias_of(o: u32) -> f32 { return 0.0; }
