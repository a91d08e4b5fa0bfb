// Ids that this browser makes: one for each thing it asks to be done, kept over every retry.

/**
 * Return a UUIDv7 (RFC 9562, 5.7): time first, then random.
 * @param {number} now milliseconds since 1970
 * @param {(bytes: Uint8Array) => Uint8Array} fill fills bytes at random
 * @returns {string}
 */
export function newId(now = Date.now(), fill = (bytes) => crypto.getRandomValues(bytes)) {
  const bytes = fill(new Uint8Array(16));
  for (let i = 0; i < 6; i++) bytes[i] = Math.floor(now / 2 ** (8 * (5 - i))) % 256;
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
