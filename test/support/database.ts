/** An empty database of its own for each test, in the server that database-server.ts started. */
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'

/** Creates a database and returns its URL. `server`: a URL whose user may create databases; default: the suite's server. */
export async function freshDatabase(server: string = inject('databaseServer')): Promise<string> {
  const name = `test_${randomUUID().replaceAll('-', '')}`
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  try {
    await client.query(`create database ${name}`)
  } finally {
    await client.end()
  }
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}
