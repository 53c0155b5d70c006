export default { cacheDir: ".vite", clearScreen: false };
