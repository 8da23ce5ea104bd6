/** Every bound of expressions and templates in one place; docs/templates.md states the same numbers. */
export const LIMITS = {
  /** Characters of one expression. */
  sourceChars: 4_096,
  /** Nodes of one expression's syntax tree. */
  astNodes: 500,
  /** Depth of brackets, calls and member accesses. */
  astDepth: 50,
  /** Elements of a list written out, entries of a map written out. */
  literalElements: 256,
  /** Comprehensions (`map`, `filter`, `all`, `exists`, `exists_one`) within each other; also `{% for %}` within each other. */
  nesting: 2,
  /** Elements that a comprehension or a `{% for %}` may walk over in templates and filters. */
  listElements: 256,
  /** The same in mappings, where one payload may carry a whole batch. */
  mappingElements: 5_000,
  /** Elements of a list that an expression makes. */
  madeElements: 5_000,
  /** UTF-16 units of a string that an expression makes. */
  stringChars: 262_144,
  /** Steps of one filter, or of one whole template; about 50 ms, and well under a second for the worst of them. */
  steps: 1_000_000,
  /** Steps of mapping one payload. */
  mappingSteps: 5_000_000,
  /** Depth of values going in and out. */
  valueDepth: 64,
  /** Values inside one result. */
  valueNodes: 65_536,
  /** Characters of a regular expression. */
  patternChars: 512,
  /** Instructions of a compiled regular expression. */
  patternInstructions: 1_000,
  /** Bytes of a rendered body in UTF-8. */
  outputBytes: 262_144,
  /** Characters of a whole template as JSON. */
  templateChars: 65_536,
  /** Depth of a JSON template. */
  templateDepth: 32,
  /** Headers of an endpoint. */
  headers: 64,
  /** Characters of one header value, written or rendered. */
  headerChars: 8_192,
  /** Characters of a URL, written or rendered. */
  urlChars: 4_096,
  /** Variables of an endpoint. */
  variables: 64,
  /** Warnings kept from one rendering. */
  warnings: 20,
} as const;
