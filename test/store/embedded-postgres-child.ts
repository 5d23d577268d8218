/** A process for embedded-postgres.test.ts: starts the server in the directory given, says where it is, and waits. */
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.ts'
import { silentLog } from '../support/log.ts'

const [, , dataDir = '', ending = 'wait'] = process.argv
try {
  const server = await startEmbeddedPostgres({ dataDir, log: silentLog })
  process.stdout.write(`${JSON.stringify({ connectionString: server.connectionString, pid: server.pid })}\n`)
  if (ending === 'stop') await server.stop()
  else setInterval(() => {}, 1000)
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: error instanceof Error ? error.message : String(error) })}\n`)
}
