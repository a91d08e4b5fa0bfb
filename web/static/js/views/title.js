// How much is unread, where it can be seen from another tab: in the title and in the icon.

import { useEffect } from '../lib/ui.js';
import { t } from '../lib/words.js';

export function useUnreadMark(unread) {
  useEffect(() => {
    const title = t('Chat · Chancery');
    document.title = unread ? `(${unread}) ${title}` : title;
    const icon = document.querySelector('link[rel="icon"]');
    icon.dataset.plain ??= icon.href;
    icon.href = unread ? icon.dataset.plain.replace(/icon\.svg$/, 'icon-unread.svg') : icon.dataset.plain;
  }, [unread > 0, unread]);
}
