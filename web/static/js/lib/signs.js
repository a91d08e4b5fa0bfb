// Whether a message is a sign or three and nothing else: then they are shown large. Pure.

const SIGN = String.raw`(?:\p{Regional_Indicator}{2}|\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?(?:\u200D\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?)*)`;
const SIGNS = new RegExp(`^\\s*(?:${SIGN}\\s*){1,3}$`, 'u');
const LONGEST = 40;

/** @param {string} [text] */
export const isSigns = (text = '') => text.length <= LONGEST && SIGNS.test(text);
