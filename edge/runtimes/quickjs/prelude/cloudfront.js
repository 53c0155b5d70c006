// The cloudfront module of runtime 2.0. What it asks of the outside goes through `host`.
// Not modelled: cf.cwt; and a store's id, which is unknown here: any UUID means the store of the function.
function makeCloudfront(host, Buffer, edgeLocation) {
  const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

  function named(name, message) {
    const error = new Error(message);
    error.name = name;
    return error;
  }

  function parsed(text, format) {
    if (format === 'json') return JSON.parse(text);
    return format === 'bytes' ? Buffer.from(text) : text;
  }

  class Store {
    async get(key, options) {
      const text = await host.readStore('get', String(key));
      if (text === null) throw named('KeyNotFound', 'the key is not in the key value store');
      return parsed(text, options && options.format);
    }
    async exists(key) {
      return (await host.readStore('exists', String(key))) !== null;
    }
    async meta() {
      return JSON.parse(await host.readStore('meta', ''));
    }
  }

  function kvs(id) {
    const store = host.store();
    if (store === null || (id !== undefined && id !== store && !UUID.test(id))) {
      throw named('KVSNamespaceNotFound', 'the function is not associated with this key value store');
    }
    return new Store();
  }

  const records = (call) => (...values) => {
    host.recordOrigin({ call, arguments: values });
  };
  const noTenant = () => {
    throw new TypeError('distributionTenant module is not available');
  };
  const noToken = () => {
    throw new Error('cf.cwt is not modelled');
  };

  return {
    kvs,
    updateRequestOrigin: records('updateRequestOrigin'),
    selectRequestOriginById: records('selectRequestOriginById'),
    createRequestOriginGroup: records('createRequestOriginGroup'),
    get edgeLocation() {
      return host.isViewerRequest() ? Object.assign({}, edgeLocation) : {};
    },
    get distributionTenant() {
      return noTenant();
    },
    cwt: { validateToken: noToken, generateToken: noToken },
  };
}
