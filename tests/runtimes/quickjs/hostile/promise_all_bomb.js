async function handler(event) { var all = []; for (;;) { all.push(Promise.resolve(1)); if (all.length % 1000 === 0) await Promise.all(all); } }
