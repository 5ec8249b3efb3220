// Before a build: the editor bundle, the one style sheet, the guests for the tab. Quick when nothing changed.
import "./style.mjs";
import "./editor.mjs";
import "./guests.mjs";
