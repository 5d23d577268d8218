/** The open demo: the story stands at a pull request, and goes on in the browser. */
export async function runOpenDemo(_port: number | undefined): Promise<number> {
  throw new Error('not yet')
}
