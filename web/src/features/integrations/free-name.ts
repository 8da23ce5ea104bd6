/** The title itself, or with the first number from 2 on that none of the names has. */
export function freeName(title: string, names: Iterable<string>): string {
  const taken = new Set([...names].map((name) => name.trim().toLowerCase()));
  let name = title;
  for (let number = 2; taken.has(name.toLowerCase()); number += 1) name = `${title} ${number}`;
  return name;
}
