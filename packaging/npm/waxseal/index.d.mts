/// <reference lib="esnext.disposable" />

/** What the server begins with, and how it is. */
export interface WaxsealOptions {
  /** Files that declare what is there from the start: `--init` of `waxseal serve`. */
  init?: string | URL | ReadonlyArray<string | URL>;
  /** URL of another emulator, which answers for the services that waxseal does not emulate. */
  upstream?: string;
  /** The default account, of 12 digits; 123456789012 by itself. */
  account?: string;
  /** us-east-1 by itself. */
  region?: string;
  /** Be as strict as AWS: credentials, principals, transport, or all. */
  strict?: string;
  /** Further arguments for `waxseal serve`. */
  args?: ReadonlyArray<string>;
}

/** What clients need to call as a principal. */
export interface WaxsealIdentity {
  readonly account: string;
  readonly region: string;
  /** For the constructor of a client of the AWS SDK: `new SQSClient(emulator.config)`. */
  readonly config: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: {
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly sessionToken?: string;
    };
    readonly useFipsEndpoint: false;
    readonly useDualstackEndpoint: false;
  };
  /**
   * The same as variables, for `process.env` or for a process to be started, whatever
   * profile the user has.
   */
  readonly env: Readonly<Record<string, string>>;
}

/** A running server. What it is itself is for the root user of its account. */
export interface Waxseal extends WaxsealIdentity, AsyncDisposable {
  /** Its URL, such as http://127.0.0.1:40123. */
  readonly endpoint: string;
  /** The same for another principal: `role/NAME`, `user/NAME`, `root` or an ARN. */
  as(principal: string): Promise<WaxsealIdentity>;
  /** Turns the server's clock, and resolves to what it shows. */
  advance(seconds: number): Promise<Date>;
  /** Makes everything as it was at the start. Of another principal than the root user, ask `as` again. */
  reset(): Promise<void>;
  /**
   * Says why a request was denied or allowed, as `waxseal explain` does. The request is
   * given by its id or by the AWS SDK's error, which may be the cause of another.
   */
  explain(error: unknown): Promise<string>;
  /** The same function, for a test: where it fails, its error tells what was denied meanwhile, and why. */
  explained<This, Args extends unknown[], Result>(
    run: (this: This, ...args: Args) => Result,
  ): (this: This, ...args: Args) => Promise<Awaited<Result>>;
  /** Ends the server. It also ends when this process does, in whatever way. */
  stop(): Promise<void>;
}

/** Starts a server of its own, in memory and on a free port. Rejects in the server's words where it cannot start. */
export function startWaxseal(options?: WaxsealOptions): Promise<Waxseal>;
