// The table of shortcuts on the help page.

import { html, render } from '../lib/ui.js';
import { ShortcutTable } from '../views/shortcuts.js';

render(html`<${ShortcutTable} />`, document.getElementById('shortcuts'));
