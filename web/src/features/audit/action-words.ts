/** The action of an audit entry as people say it: `endpoint.update` is `Endpoint: update`. */
export function actionWords(action: string): string {
  const words = action.replaceAll("_", " ").replace(".", ": ").replaceAll(".", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
