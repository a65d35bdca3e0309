import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// Two builds of the same components: `desk`, which the service embeds (the graph and the editor are loaded when they are
// first needed), and `report`, one script that stands inside a file. Names carry no digest: the service sends a tag, and
// a checked-in file that keeps its name has a history.
export default defineConfig(({ mode }) => {
  const isReport = mode === "report";
  return {
    base: isReport ? undefined : "/assets/",
    plugins: [svelte({ compilerOptions: { css: "external" } })],
    publicDir: isReport ? false : "public",
    build: {
      target: "es2022",
      outDir: isReport ? "../crates/report/assets/desk" : "../crates/service/assets",
      emptyOutDir: true,
      assetsDir: "",
      cssCodeSplit: false,
      modulePreload: false,
      reportCompressedSize: false,
      chunkSizeWarningLimit: 1000,
      rolldownOptions: {
        input: isReport ? "src/report.ts" : "index.html",
        output: isReport
          ? { format: "iife" as const, entryFileNames: "report.js", assetFileNames: "report[extname]", codeSplitting: false }
          : { entryFileNames: "desk.js", chunkFileNames: "[name].js", assetFileNames: "desk[extname]" },
      },
    },
    server: { proxy: Object.fromEntries(["/api", "/v1", "/v2", "/metrics"].map((path) => [path, "http://127.0.0.1:8080"])) },
  };
});
