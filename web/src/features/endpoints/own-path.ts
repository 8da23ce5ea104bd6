/** True for a path of this console: nothing that a browser would take for another host or a scheme. */
export function isOwnPath(text: string): boolean {
  return /^\/(?![/\\])[^\s\\]*$/.test(text);
}
