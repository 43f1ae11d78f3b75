/** Types of what `openid_provider.ts` uses of oidc-provider, which has none. */

interface Client {
  redirectUriAllowed(url: string): boolean;
  postLogoutRedirectUriAllowed(url: string): boolean;
}

export default class Provider {
  constructor(issuer: string, configuration: Record<string, unknown>);
  readonly Client: { readonly prototype: Client };
  listen(port: number, hostname: string): void;
}
