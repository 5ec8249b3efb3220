// Before a build: the bundles that load late, the one style sheet, the guests for the tab. Quick when nothing changed.
import "./style.mjs";
import "./bundles.mjs";
import "./guests.mjs";
