/** Gives the remembered answer to a key, or computes and remembers it; keeps the `size` answers used last. */
export function createMemory<T>(size: number): (key: string, compute: () => T) => T {
  const answers = new Map<string, T>();
  return (key, compute) => {
    const known = answers.get(key);
    if (known !== undefined) {
      answers.delete(key);
      answers.set(key, known);
      return known;
    }
    const answer = compute();
    answers.set(key, answer);
    if (answers.size > size) {
      const oldest = answers.keys().next();
      if (!oldest.done) answers.delete(oldest.value);
    }
    return answer;
  };
}
