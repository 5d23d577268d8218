/** `npm run demo`: the sandbox, the real bot, and a story; open in the browser, or played and printed with `--script`. */
import { parseArgs } from 'node:util'
import { runOpenDemo } from './open.ts'
import { runScript } from './run-script.ts'

const USAGE = `npm run demo [-- --script] [--port N] [--help]

Starts a stand-in of GitHub, MLflow, S3, a registry, Prometheus, Argo CD and KServe on this machine, and the real bot.

  (nothing)   opens the story at a pull request, for your browser; Ctrl+C ends it
  --script    plays the whole story and prints it; exit code 0 only if every step was seen at the sandbox
  --port N    the port of the pages (default 4400, or any free one)
`

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  const asked = readArguments(args)
  if (typeof asked === 'string') {
    process.stderr.write(`demo: ${asked}\n\n${USAGE}`)
    return 2
  }
  if (asked.help) {
    process.stdout.write(USAGE)
    return 0
  }
  return asked.script ? runScript() : runOpenDemo(asked.port)
}

type Asked = { readonly script: boolean; readonly help: boolean; readonly port: number | undefined }

/** What was asked, or in a sentence why it cannot be read. */
function readArguments(args: readonly string[]): Asked | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        script: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        port: { type: 'string' },
      },
    })
    const port = values.port === undefined ? undefined : Number(values.port)
    if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536))
      return `--port ${values.port} is no port number`
    return { script: values.script, help: values.help, port }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
