// What a message says, as people read it: who is mentioned goes by the name of now. Pure.

/**
 * Return what is shown of a mention, and what was typed behind it. Whom nobody here knows stays as typed.
 * @param {object} people
 * @param {string} person
 * @param {string} typed as `@ben.okafor`, maybe with the dots that end a sentence
 */
export function mentionOf(people, person, typed) {
  const { name, username = '' } = people[person] ?? {};
  if (!name) return [typed, ''];
  return [`@${name}`, typed.length === username.length + 1 ? '' : /[.-]*$/.exec(typed)[0]];
}
