console.log('sample site');
