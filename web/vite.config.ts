/** Builds the web client into `web/dist`, every text file also as brotli, and serves it with hot reload in development. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { lingui } from '@lingui/vite-plugin';
import tailwindcss from '@tailwindcss/vite';
import prefresh from '@prefresh/vite';
import { defineConfig, type Plugin } from 'vite';
import { webClientPolicy } from '../contract/web-policy.ts';

const root = import.meta.dirname;
/** The server that `npm run dev` sends API calls to. */
const api = process.env.POLLUX_API ?? 'http://127.0.0.1:8000';
const apiPaths =
  '^/(auth|user|chatroom|uploads|search|events|ws|push|models|plans|subscribe|health|admin|openapi.json)(/|$|\\?)';

/** Modules that every page needs. */
const ofEveryPage = new RegExp(
  [
    'rolldown-runtime',
    '/node_modules/(preact|@tanstack|@lingui)/',
    '/web/(api|app|live|rooms|session|theme|ui)/(?!updates|shortcut-sheet|tell-when-done|unread-badge|visibility|follow-events|server-sent-events|uploads|not-found|load-state|rename-field|share-dialog|shares|archived-|admin)',
    '/web/files/attached\\.ts$',
    '/web/languages/\\w+\\.ts$',
    '/web/main\\.tsx$',
  ].join('|'),
);

export default defineConfig({
  root,
  base: '/app/',
  // Preact runs what is written for React: docs/decisions/0009.
  resolve: {
    alias: {
      'react-dom/client': 'preact/compat/client',
      'react-dom': 'preact/compat',
      react: 'preact/compat',
    },
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [
    await prefresh(),
    lingui({ configPath: path.join(root, 'lingui.config.ts') }),
    ownTexts(),
    tailwindcss(),
    remoteApi(),
    precache(),
    preload(),
    brotli(),
  ],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: {
      input: {
        index: path.join(root, 'index.html'),
        'service-worker': path.join(root, 'offline', 'service-worker.ts'),
      },
      output: {
        // Has a fixed address, where browsers check for a new version.
        entryFileNames: ({ name }) => (name === 'service-worker' ? '[name].js' : 'assets/[name]-[hash].js'),
        // Few files: each adds response headers, and larger files compress better.
        codeSplitting: {
          groups: [
            { name: 'app', test: ofEveryPage, priority: 2 },
            {
              name: 'chat',
              test: /\/web\/((chat|markdown)\/(?!draw-formula|find-bar|highlight|question-editor|jump-to-message|context-dialog|sent-turns|bring-into-view)|files\/(add-files|drop-hint|incoming))/,
              priority: 1,
            },
          ],
        },
      },
    },
  },
  server: { proxy: { [apiPaths]: { target: api, ws: true, rewriteWsOrigin: true } } },
});

/** Adds the content security policy to the page if the API is on another origin, since the static host may not send one. */
function remoteApi(): Plugin {
  const origin = process.env.VITE_API_URL;
  // Ignored in a page; the host must send it as a header.
  const content = origin && webClientPolicy(origin).replace("frame-ancestors 'none'; ", '');
  return {
    name: 'pollux-remote-api',
    transformIndexHtml: () =>
      content
        ? [{ tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content }, injectTo: 'head-prepend' }]
        : [],
  };
}

/** Texts that only the server uses, which it sends translated. Two of them are said before a file is sent, too. */
const serverTexts = /^(title|problem(?!\.(body-too-large\.upload|storage-full)$)|field|failure|shared-page)\./;

/** Removes texts that only the server uses. */
function ownTexts(): Plugin {
  return {
    name: 'pollux-own-texts',
    transform: {
      filter: { id: /\.po$/ },
      handler(code) {
        const literal = /JSON\.parse\(("(?:[^"\\]|\\.)*")\)/.exec(code)?.[1];
        if (literal === undefined) throw new Error('the catalog was not compiled as expected');
        const texts = Object.entries(JSON.parse(JSON.parse(literal) as string) as object);
        const own = texts.filter(([id]) => !serverTexts.test(id));
        return {
          code: `export const messages = ${JSON.stringify(Object.fromEntries(own))};`,
          map: null,
          moduleType: 'js',
        };
      },
    },
  };
}

/** Passes the list of files that pages need to the service worker; files loaded on demand are cached on use. */
function precache(): Plugin {
  const onDemand = /\/(Temml|draw-formula)-/;
  return {
    name: 'pollux-precache',
    apply: 'build',
    // Vite removes entries that only import others; every listed file has to exist.
    enforce: 'post',
    generateBundle(_options, bundle) {
      const files = Object.values(bundle)
        .filter(({ fileName }) => fileName.startsWith('assets/') && !/\.(map|woff)$/.test(fileName))
        .filter(({ fileName }) => !onDemand.test(fileName))
        .filter((file) => file.type === 'asset' || !file.facadeModuleId?.includes('highlight.js'))
        .map(({ fileName }) => `/app/${fileName}`);
      const all = [...files, '/app/theme.js', '/app/icon.svg', '/app/manifest.webmanifest'].toSorted();
      const worker = bundle['service-worker.js'];
      if (worker?.type !== 'chunk') throw new Error('the service worker was not built');
      const version = createHash('sha256').update(JSON.stringify(all)).digest('hex').slice(0, 16);
      worker.code = worker.code
        .replace('"__FILES__"', all.map((file) => JSON.stringify(file)).join(','))
        .replace('__VERSION__', version);
    },
  };
}

/** Passes the files of pages and languages to preload to `theme.js`, which runs first. */
function preload(): Plugin {
  let dist = '';
  let files: Record<string, string[]> = {};
  return {
    name: 'pollux-preload',
    apply: 'build',
    configResolved({ root: folder, build }) {
      dist = path.resolve(folder, build.outDir);
    },
    generateBundle(_options, bundle) {
      files = {};
      for (const chunk of Object.values(bundle)) {
        const name =
          chunk.type === 'chunk' && /\/(chat-page|sign-in-page|\w+)\.(?:tsx|po)$/.exec(chunk.facadeModuleId ?? '')?.[1];
        if (!name || chunk.type !== 'chunk') continue;
        const scripts = [chunk.fileName, ...chunk.imports].filter((file) => !/\/(app|rolldown-runtime)-/.test(file));
        files[name] = scripts.map((file) => `/app/${file}`);
      }
    },
    // Styles and text of the shell come first: competing scripts would delay the first paint on a slow connection.
    transformIndexHtml: {
      order: 'post',
      handler: (html) =>
        html.replaceAll(/<(script type="module"|link rel="modulepreload")/g, '<$1 fetchpriority="low"'),
    },
    closeBundle() {
      const file = path.join(dist, 'theme.js');
      const script = readFileSync(file, 'utf8');
      writeFileSync(file, script.replace('{"__FILES__":[]}', JSON.stringify(files)));
    },
  };
}

/** Writes `NAME.br` beside every text file of the build, at the highest compression level. */
function brotli(): Plugin {
  let dist = '';
  return {
    name: 'pollux-brotli',
    apply: 'build',
    configResolved({ root: folder, build }) {
      dist = path.resolve(folder, build.outDir);
    },
    closeBundle() {
      const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
      for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(js|css|html|svg|json|webmanifest)$/.test(name)) continue;
        const file = path.join(dist, name);
        writeFileSync(`${file}.br`, brotliCompressSync(readFileSync(file), { params }));
      }
    },
  };
}
