/** The schema of `release:` of a model: what a merge makes. Part of model-schema.ts; rules over several keys: release-rules.ts. */
import * as z from 'zod'
import { isPullable } from '../domain/artefact-uri.ts'
import { freeName, serverName, template, textOf, timeLimit } from './key-types.ts'

const server = serverName
  .optional()
  .describe(
    "The MLflow server, by its name in the operator's policy. Default: the model's `mlflow.server`, else `default`.",
  )

const artifactPath = textOf(
  { title: 'text', description: 'A folder of a run, or the name of its logged model.', examples: ['model'] },
  (text) =>
    /^[\w.-][\w. -]*(?:\/[\w.-][\w. -]*)*$/.test(text) && !text.split('/').some((part) => /^\.\.?$/.test(part))
      ? { ok: true, value: text }
      : {
          ok: false,
          reason: 'not a folder of a run',
          hint: 'write what training logged the model as, for example `model`',
        },
)

const registeredModel = z
  .strictObject({
    name: freeName('The registered model.', 'churn'),
    server,
    create: z
      .strictObject({
        artifact_path: artifactPath
          .prefault('model')
          .describe('What training logged the model as: `name` of MLflow 3, `artifact_path` of MLflow 2.'),
      })
      .meta({ description: 'Which model of the run.' })
      .optional()
      .describe(
        'Once the gates pass, Lockkeeper registers the model of a run that has no version yet; of several seeds, the one that started first and has the model. Without this key training registers it. Not for Unity Catalog.',
      ),
  })
  .meta({ description: 'With the server, or with who registers it.' })

const FROM = /^(?:[a-z][a-z0-9+.-]+:\/|\/)(?:[^\s%?#\\]*\/)?$/

/** A key: checked, not changed. */
const mappedFrom = z
  .string()
  .superRefine((text, context) => {
    if (FROM.test(text)) return
    const message = 'not the beginning of an address that ends in `/`'
    context.addIssue({ code: 'custom', message, params: { hint: 'for example `mlflow-artifacts:/`' } })
  })
  .meta({ title: 'beginning of an address', description: 'It ends in `/`.', examples: ['mlflow-artifacts:/'] })

const mappedTo = textOf(
  { title: 'address', description: 'It ends in `/`.', examples: ['s3://acme-mlflow/'] },
  (text) => {
    const problem = checkArtefactUri(text)
    if (problem !== undefined) return { ok: false, ...problem }
    if (!isPullable(text))
      return {
        ok: false,
        reason: 'serving cannot pull from there',
        hint: "name the store behind MLflow's own address, for example `s3://acme-mlflow/`",
      }
    return /[^/]\/$/.test(text) && !/[%?#\s\\]/.test(text)
      ? { ok: true, value: text }
      : {
          ok: false,
          reason: 'not the beginning of an address that ends in `/`',
          hint: 'for example `s3://acme-mlflow/`',
        }
  },
)

export const release = z
  .strictObject({
    model: z
      .strictObject({
        mlflow: z
          .union([freeName('The registered model.', 'churn'), registeredModel])
          .meta({ title: 'text or mapping' })
          .optional()
          .describe(
            'The registered model whose version is made from the candidate run: `{{ model.version }}`, `{{ model.uri }}`.',
          ),
        uri: template({
          only: ['model.name', 'model.version', 'commit.sha', 'pull_request.sha', 'pull_request.number'],
          check: checkArtefactUri,
          examples: ['s3://acme-models/churn/{{ model.version }}'],
        })
          .optional()
          .describe(
            'What the serving side can pull; `s3://`, `oci://` (pinned to its digest) and `https://` are looked at before anything is promoted. Default: where MLflow says that the files of the version lie; where serving cannot pull that (`mlflow-artifacts:/`), and something asks for `{{ model.uri }}`, no release is made.',
          ),
        uri_map: z
          .record(mappedFrom, mappedTo)
          .optional()
          .describe(
            "What MLflow's own addresses are for the serving side, by how they begin; the longest that matches counts. With `--artifacts-destination s3://acme-mlflow` of MLflow: `mlflow-artifacts:/` is `s3://acme-mlflow/`.",
          ),
      })
      .optional()
      .describe('The model artefact of the release. At least one of `mlflow`, `uri`.'),
    image: template({
      only: ['model.name', 'model.version', 'commit.sha', 'pull_request.sha', 'pull_request.number'],
      check: checkImage,
      examples: ['ghcr.io/acme/churn:{{ commit.sha }}'],
    })
      .optional()
      .describe(
        'The container image, resolved to a digest: `{{ image.repository }}`, `{{ image.tag }}`, `{{ image.digest }}`. With a digest of its own (`name:tag@sha256:…`) it is that one, which must exist.',
      ),
    within: timeLimit.prefault('2h').describe('How long artefacts may take to appear after the merge.'),
  })
  .meta({ description: 'What a merge makes: the artefacts that a promotion puts into an environment.' })

function checkArtefactUri(shape: string): { reason: string; hint: string } | undefined {
  if (/^(?:models|mlflow-artifacts):/.test(shape))
    return {
      reason: 'serving cannot pull a registry address',
      hint: 'name where the artefact lies, for example `s3://acme-models/churn/{{ model.version }}`',
    }
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^/\s]+/.test(shape))
    return {
      reason: 'not the address of an artefact',
      hint: 'for example `s3://acme-models/churn/{{ model.version }}`',
    }
  return /(?:^|\/)\.\.?(?:\/|$)/.test(shape)
    ? { reason: 'an address has no `.` or `..` segments', hint: 'name the whole path' }
    : undefined
}

function checkImage(shape: string): { reason: string; hint: string } | undefined {
  const reference =
    /^[a-z0-9.-]+(?::\d+)?(?:\/[a-z0-9._-]+)+(?::[\w.-]{1,128}(?:@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$/
  return reference.test(shape)
    ? undefined
    : { reason: 'not an image with a registry and a tag', hint: 'for example `ghcr.io/acme/churn:{{ commit.sha }}`' }
}
