import { message } from "./message.js";

document.querySelector("#message").textContent = message;

import.meta.hot?.accept("./message.js", (module) => {
  document.querySelector("#message").textContent = module.message;
});
