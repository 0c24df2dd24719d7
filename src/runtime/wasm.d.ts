/** A wasm file that the host compiles and imports as a module: Cloudflare's and Vercel's way. */
declare module '*.wasm?module' {
  const module: WebAssembly.Module;
  export default module;
}
