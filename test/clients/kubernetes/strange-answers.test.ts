/** An API server that answers as none should: its words are read all the same, or left. */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createClock } from '../../../sandbox/clock.ts'
import { startKubernetes } from '../../../sandbox/systems/kubernetes.ts'
import { createCluster } from '../../../src/clients/kubernetes/cluster.ts'
import { connectClusters } from '../../../src/clients/kubernetes/clusters.ts'
import { connectCluster } from '../../../src/clients/kubernetes/connection.ts'
import { createWakers } from '../../../src/clients/kubernetes/wakers.ts'
import { recordingLog } from '../github/nock-github.ts'

/** The kubeconfig of a server that answers everything so. */
async function answering(answer: RequestListener): Promise<{ readonly kubeconfig: string }> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const directory = await mkdtemp(join(tmpdir(), 'lockkeeper-kube-'))
  onTestFinished(async () => {
    server.close().closeAllConnections()
    await rm(directory, { recursive: true })
  })
  const kubeconfig = join(directory, 'config')
  const sandbox = await startKubernetes({ clock: createClock() })
  await sandbox.close()
  await writeFile(kubeconfig, sandbox.kubeconfig().replaceAll(sandbox.url, `http://127.0.0.1:${port}`))
  return { kubeconfig }
}

it('repeats what it was sent: the token is left out', async () => {
  const settings = await answering(({ headers }, response) => {
    response.writeHead(400, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ kind: 'Status', message: `you sent ${headers.authorization}` }))
  })
  const clusters = connectClusters({ ...settings, named: new Map() })
  const cluster = createCluster(clusters, createWakers({ clusters, log: recordingLog() }))
  expect(await cluster.read('Application', { namespace: 'argocd', name: 'x' })).toEqual({
    kind: 'refused',
    reason: 'the API server answered 400: you sent Bearer •••',
  })
})

it('answers without end: an outage, and the answer is not kept', async () => {
  const settings = await answering((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(`"${'x'.repeat(33 * 1024 * 1024)}"`)
  })
  await expect(connectCluster(settings).ask('/apis')).rejects.toThrow('Kubernetes: the answer is larger than 32 MiB')
})
