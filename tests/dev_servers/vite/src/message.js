export const message = "hello";
