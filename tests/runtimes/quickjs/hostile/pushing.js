function handler(event) { var a = []; for (;;) a.push({ n: a.length }); }
