/** How Lockkeeper signs in at an MLflow server. Written in the policy (config/sign-in-schema.ts), spoken by clients/mlflow-sign-in.ts. */

/** Where the operator put a secret; it never stands in the policy itself. */
export type SecretPlace =
  | { readonly in: 'variable'; readonly name: string }
  | { readonly in: 'file'; readonly path: string }

/** `Secret` is a place in the policy, and the secret's text once config/env.ts has read it. */
export type SignIn<Secret> =
  | { readonly kind: 'basic'; readonly username: string; readonly password: Secret }
  /** A bearer token: of a proxy, or a personal access token of Databricks. */
  | { readonly kind: 'token'; readonly token: Secret }
  /** OAuth of a Databricks service principal, at the workspace itself. */
  | { readonly kind: 'databricks'; readonly clientId: string; readonly clientSecret: Secret }
  /** A service principal of Microsoft Entra. `authority` is the address of its cloud's login, without a slash at the end. */
  | {
      readonly kind: 'azure'
      readonly authority: string
      readonly tenantId: string
      readonly clientId: string
      readonly clientSecret: Secret
      readonly scope: string
    }
  /** AWS Signature Version 4, with the credentials that the AWS SDK finds. `arn` is of a tracking server or of an app. */
  | { readonly kind: 'sagemaker'; readonly arn: string }
