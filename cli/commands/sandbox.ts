import { once } from 'node:events'
import { Command } from 'commander'
import { CliError, EXIT } from '../exit.ts'
import { STANDARD_OUTPUT } from '../output.ts'

/** `sandbox`: the stand-in of Genesys Cloud alone, for trials and for testing other receivers. */
export function sandboxCommand(): Command {
  return new Command('sandbox')
    .description('serve a stand-in of Genesys Cloud on this machine (never the real one)')
    .option('--port <port>', 'port to listen on; 0 takes a free one', '8081')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  filter-ledger sandbox --port 8081')
    .action(async (options: { port: string; json?: boolean }) => {
      if (!/^\d{1,5}$/.test(options.port) || Number(options.port) > 65_535) {
        throw new CliError(EXIT.usage, '--port takes a number from 0 to 65535')
      }
      const { startSandbox } = await import('../../sandbox/start-sandbox.ts')
      const sandbox = await startSandbox({
        port: Number(options.port),
        log: (line) => STANDARD_OUTPUT.err(JSON.stringify(line)),
      }).catch((error: unknown) => {
        throw new CliError(EXIT.unreachable, `port ${options.port} cannot be used: ${String(error)}`, {
          cause: error,
        })
      })
      const { url, clientId, clientSecret, jwksUrl } = sandbox
      STANDARD_OUTPUT.out(
        options.json
          ? JSON.stringify({ url, clientId, clientSecret, jwksUrl })
          : [
              `This is a SANDBOX of Genesys Cloud at ${url}. To use it:`,
              `  export GENESYSCLOUD_OAUTHCLIENT_ID=${clientId}`,
              `  export GENESYSCLOUD_OAUTHCLIENT_SECRET=${clientSecret}`,
              `  export GENESYSCLOUD_GATEWAY_PROTOCOL=http GENESYSCLOUD_GATEWAY_HOST=127.0.0.1 GENESYSCLOUD_GATEWAY_PORT=${sandbox.port}`,
              `  export FILTER_LEDGER_WEBHOOK_JWKS=${jwksUrl}`,
            ].join('\n'),
      )
      await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
      await sandbox.close()
    })
}
