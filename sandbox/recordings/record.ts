/** Records what a real MLflow server answers: `node sandbox/recordings/record.ts` (about two minutes; needs python3 and a package index). Played back by ../systems/mlflow.ts. */
import { readFile, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PLACEHOLDERS } from './candidates.ts'
import type { Exchange, Provenance, Recording } from './exchange.ts'
import { type RealMlflow, startServer, train } from './server.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const API = '/api/2.0/mlflow'
const COMMIT_TAG = 'tags.`mlflow.source.git.commit`'

type Ask = Exchange['request']
type Questions = Readonly<Record<string, Ask>>

const get = (path: string, query: Record<string, string> = {}): Ask => ({ method: 'GET', path: API + path, query })
const send = (method: string, path: string, body: unknown): Ask => ({ method, path: API + path, body })
const searchRuns = (body: Record<string, unknown>): Ask => send('POST', '/runs/search', body)

const FOREIGN = { host: 'mlflow.mlops.svc:5000' }

function serverQuestions(): Questions {
  return {
    health: { method: 'GET', path: '/health' },
    version: { method: 'GET', path: '/version' },
    'health with a foreign Host': { method: 'GET', path: '/health', headers: FOREIGN },
    'foreign Host': { ...get('/experiments/get-by-name', { experiment_name: 'churn' }), headers: FOREIGN },
    'write with a foreign Origin': {
      ...send('POST', '/registered-models/alias', { name: 'churn', alias: 'champion', version: '11' }),
      headers: { origin: 'http://evil.example' },
    },
    'unknown route': get('/no-such-route'),
  }
}

function experimentQuestions(experiment: string): Questions {
  return {
    'all, first page': send('POST', '/experiments/search', { max_results: 1 }),
    'by id': get('/experiments/get', { experiment_id: experiment }),
    'by unknown id': get('/experiments/get', { experiment_id: '98765' }),
    'by an id that is no number': get('/experiments/get', { experiment_id: 'churn' }),
    'id missing': get('/experiments/get'),
    'by name': get('/experiments/get-by-name', { experiment_name: 'churn' }),
    'by unknown name': get('/experiments/get-by-name', { experiment_name: 'nobody' }),
    'name missing': get('/experiments/get-by-name'),
  }
}

function runQuestions(experiment: string, runs: readonly string[], parent: string): Questions {
  const base = { experiment_ids: [experiment] }
  const ofCommit = (name: keyof typeof PLACEHOLDERS) => `${COMMIT_TAG} = '${PLACEHOLDERS[name].commit}'`
  const ids = runs.slice(0, 2).map((id) => `'${id}'`)
  return {
    'of a commit, finished': searchRuns({
      ...base,
      filter: `${ofCommit('better')} AND attributes.status = 'FINISHED'`,
      run_view_type: 'ACTIVE_ONLY',
      max_results: 100,
      order_by: ['attributes.start_time DESC'],
    }),
    'of a commit, first page of two': searchRuns({ ...base, filter: ofCommit('better'), max_results: 2 }),
    'of a commit, running': searchRuns({ ...base, filter: ofCommit('running') }),
    'of a commit with a NaN metric': searchRuns({ ...base, filter: ofCommit('nan') }),
    'of an unknown commit': searchRuns({ ...base, filter: `${COMMIT_TAG} = '${'0'.repeat(40)}'` }),
    'of a parent': searchRuns({ ...base, filter: `tags.\`mlflow.parentRunId\` = '${parent}'` }),
    'by ids': searchRuns({ ...base, filter: `run_id IN (${ids.join(', ')})` }),
    'in an unknown experiment': searchRuns({ experiment_ids: ['999'], filter: ofCommit('better') }),
    'filter with OR': searchRuns({ ...base, filter: `${ofCommit('better')} OR ${ofCommit('slow')}` }),
    'filter on an unknown attribute': searchRuns({ ...base, filter: "attributes.colour = 'red'" }),
    'too many results': searchRuns({ ...base, max_results: 50_001 }),
    'bad page token': searchRuns({ ...base, page_token: 'nonsense' }),
    get: get('/runs/get', { run_id: runs[0] ?? '' }),
    'get an unknown run': get('/runs/get', { run_id: 'f'.repeat(32) }),
    'get without an id': get('/runs/get'),
  }
}

function registryQuestions(versions: readonly string[], runs: readonly string[]): Questions {
  const name = 'churn'
  const each = (title: string, path: string) =>
    Object.fromEntries(versions.map((version) => [`${title} ${version}`, get(path, { name, version })]))
  const inStage = (model: string, stage: string) =>
    send('POST', '/registered-models/get-latest-versions', { name: model, stages: [stage] })
  return {
    'newest version of a stage': inStage(name, 'None'),
    'newest version of a stage without versions': inStage(name, 'Production'),
    'newest version of an unknown stage': inStage(name, 'Canary'),
    'newest version of a stage of an unknown model': inStage('nobody', 'Production'),
    'registered model': get('/registered-models/get', { name }),
    'unknown registered model': get('/registered-models/get', { name: 'nobody' }),
    'version by alias': get('/registered-models/alias', { name, alias: 'champion' }),
    'version by unknown alias': get('/registered-models/alias', { name, alias: 'nobody' }),
    'version by alias of an unknown model': get('/registered-models/alias', { name: 'nobody', alias: 'champion' }),
    'versions of the model': get('/model-versions/search', { filter: "name='churn'", max_results: '1000' }),
    'versions of the model, first page of two': get('/model-versions/search', {
      filter: "name='churn'",
      max_results: '2',
    }),
    'versions by run ids': get('/model-versions/search', {
      filter: `run_id IN (${runs.map((id) => `'${id}'`).join(',')})`,
    }),
    'versions of an unknown model': get('/model-versions/search', { filter: "name='nobody'" }),
    'versions by a bad filter': get('/model-versions/search', { filter: "colour='red'" }),
    ...each('version', '/model-versions/get'),
    ...each('download location of version', '/model-versions/get-download-uri'),
    'unknown version': get('/model-versions/get', { name, version: '999' }),
    'download location of an unknown version': get('/model-versions/get-download-uri', { name, version: '999' }),
  }
}

/** As a comparison asks for the models of its runs; MLflow's own errors of this call have other words than those of the other searches. */
function loggedModelQuestions(experiment: string, models: readonly string[]): Questions {
  const search = (filter: string, rest: Record<string, unknown> = {}) =>
    send('POST', '/logged-models/search', { experiment_ids: [experiment], filter, ...rest })
  const ids = models.slice(0, 3).map((id) => `'${id}'`)
  return {
    'by ids': search(`model_id IN (${ids.join(', ')})`, { max_results: 50 }),
    'by one id': search(`model_id IN (${ids[0]})`, { max_results: 50 }),
    'by unknown ids': search("model_id IN ('m-1', 'm-2')"),
    'in an unknown experiment': send('POST', '/logged-models/search', { experiment_ids: ['999'] }),
    'without an experiment': send('POST', '/logged-models/search', { filter: '' }),
    get: get(`/logged-models/${models[0]}`),
    'get an unknown one': get('/logged-models/m-00000000000000000000000000000000'),
  }
}

/** Asked last: they move things, and put them back. */
function aliasQuestions(): Questions {
  const alias = (body: Record<string, string>) => send('POST', '/registered-models/alias', { name: 'churn', ...body })
  const drop = (body: Record<string, string>) => send('DELETE', '/registered-models/alias', { name: 'churn', ...body })
  return {
    'set to another version': alias({ alias: 'champion', version: '12' }),
    'version by alias after it moved': get('/registered-models/alias', { name: 'churn', alias: 'champion' }),
    'set to an unknown version': alias({ alias: 'champion', version: '999' }),
    'set the reserved name': alias({ alias: 'latest', version: '12' }),
    'set a name like a version': alias({ alias: 'v1', version: '12' }),
    'set a second alias': alias({ alias: 'prod', version: '12' }),
    'version with two aliases': get('/model-versions/get', { name: 'churn', version: '12' }),
    'registered model with two aliases': get('/registered-models/get', { name: 'churn' }),
    delete: drop({ alias: 'prod' }),
    'delete an unknown alias': drop({ alias: 'prod' }),
    'set back': alias({ alias: 'champion', version: '11' }),
  }
}

/** Sends one question with exactly these headers (fetch would not let `Host` be chosen). */
function ask(server: RealMlflow, question: Ask): Promise<Exchange> {
  const url = new URL(question.path, server.url)
  for (const [key, value] of Object.entries(question.query ?? {})) url.searchParams.set(key, value)
  const body = question.body === undefined ? undefined : JSON.stringify(question.body)
  // node sends no length with DELETE by itself, and MLflow then sees no body
  const json =
    body === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }
  const headers = { ...json, ...question.headers }
  return new Promise((resolve, reject) => {
    const call = httpRequest(url, { method: question.method, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const lines = Buffer.concat(chunks).toString('utf8').split('\n')
        const contentType = response.headers['content-type'] ?? ''
        resolve({ request: question, response: { status: response.statusCode ?? 0, contentType, lines } })
      })
    })
    call.on('error', reject)
    call.end(body)
  })
}

/** Asks for page after page until the server gives no further token. */
async function pages(server: RealMlflow, first: Ask): Promise<Record<string, Exchange>> {
  const found: Record<string, Exchange> = {}
  let body = first.body as Record<string, unknown>
  for (let page = 1; page < 100; page++) {
    const exchange = await ask(server, { ...first, body })
    found[`page ${page}`] = exchange
    const answer = JSON.parse(exchange.response.lines.join('\n')) as { next_page_token?: string }
    if (answer.next_page_token === undefined || answer.next_page_token === '') break
    body = { ...body, page_token: answer.next_page_token }
  }
  return found
}

function modelIds(models: Readonly<Record<string, Exchange>>): readonly string[] {
  const answer = JSON.parse(models['page 1']?.response.lines.join('\n') ?? '{}') as {
    models?: { info: { model_id: string } }[]
  }
  return (answer.models ?? []).map((model) => model.info.model_id)
}

async function askAll(server: RealMlflow, questions: Questions): Promise<Record<string, Exchange>> {
  const answers: Record<string, Exchange> = {}
  for (const [name, question] of Object.entries(questions)) answers[name] = await ask(server, question)
  return answers
}

async function provenance(server: RealMlflow): Promise<Provenance> {
  const pinned = await readFile(join(here, 'requirements.txt'), 'utf8')
  return {
    system: 'MLflow tracking server, SQLite backend, artifacts proxied',
    mlflow: await (await fetch(`${server.url}/version`)).text(),
    scikitLearn: /scikit-learn==(\S+)/.exec(pinned)?.[1] ?? '',
    recordedAt: new Date().toISOString(),
    script: 'sandbox/recordings/record.ts',
    licence: 'answers of MLflow (Apache-2.0); models trained on the breast cancer data set of scikit-learn (CC BY 4.0)',
  }
}

async function main(): Promise<void> {
  const server = await startServer()
  try {
    const trained = await train(server, PLACEHOLDERS)
    const header = await provenance(server)
    const newest = Math.max(...Object.values(trained.versions).map(Number))
    const versions = Array.from({ length: newest }, (_, index) => String(index + 1))
    const experiment = [trained.experiment]
    const runIds = Object.values(trained.runs).flat()
    const parent = trained.runs.better?.[0] ?? ''
    const models = await pages(
      server,
      send('POST', '/logged-models/search', { experiment_ids: experiment, max_results: 10 }),
    )
    const recordings: Record<string, Record<string, Exchange>> = {
      server: await askAll(server, serverQuestions()),
      experiments: await askAll(server, experimentQuestions(trained.experiment)),
      'all-runs': await pages(server, searchRuns({ experiment_ids: experiment, max_results: 10 })),
      runs: await askAll(server, runQuestions(trained.experiment, runIds, parent)),
      'logged-models': models,
      'some-logged-models': await askAll(server, loggedModelQuestions(trained.experiment, modelIds(models))),
      registry: await askAll(server, registryQuestions(versions, runIds)),
      aliases: await askAll(server, aliasQuestions()),
    }
    for (const [name, exchanges] of Object.entries(recordings)) {
      await save(`mlflow-${name}`, { provenance: header, exchanges } satisfies Recording)
    }
    await save('mlflow-trained', { provenance: header, placeholders: PLACEHOLDERS, trained })
  } finally {
    await server.close()
  }
}

async function save(name: string, content: unknown): Promise<void> {
  await writeFile(join(here, `${name}.json`), `${JSON.stringify(content, null, 1)}\n`)
}

await main()
