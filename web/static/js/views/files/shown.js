// The files of a message, loaded with the first message that has some.

import { html, lazy } from '../../lib/ui.js';

const Shown = lazy(() => import('./files.js'), 'Files');

/** @param {{files?: object[], checked?: boolean}} props */
export const Files = (props) => (props.files?.length ? html`<${Shown} ...${props} />` : null);
