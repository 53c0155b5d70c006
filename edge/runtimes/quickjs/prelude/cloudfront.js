// The cloudfront module of runtime 2.0. What it asks of the outside goes through `host`.
// Where a store's UUID is not known, as in a template, any UUID means the store of the function. `tenant` is
// {id, parameters}, null in a standard distribution. Near: AWS documents no text for most of these errors.
function makeCloudfront(host, Buffer, cwt, edgeLocation, tenant) {
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

  // Where a store answers at once, nothing is awaited: an error then has the line of the function that asked.
  const read = (kind, key) => host.readStore(kind, String(key));
  const later = (answer) => answer instanceof Promise;

  class Store {
    async get(key, options) {
      let text = read('get', key);
      if (later(text)) text = await text;
      if (text === null) throw named('KeyNotFound', 'the key is not in the key value store');
      return parsed(text, options && options.format);
    }
    async exists(key) {
      const answer = read('exists', key);
      return (later(answer) ? await answer : answer) !== null;
    }
    async meta() {
      return JSON.parse(await read('meta', ''));
    }
  }

  function kvs(id) {
    const own = host.store();
    const meant = id === undefined || (id === own && id !== '') || (UUID.test(id) && !UUID.test(own));
    if (own === null || !meant) {
      throw named('KVSNamespaceNotFound', 'the function is not associated with this key value store');
    }
    return new Store();
  }

  const records = (call) => (...values) => {
    host.recordOrigin({ call, arguments: values });
  };

  // Known only while the handler runs, as the top level is nobody's request.
  function distributionTenant() {
    if (tenant === null || !host.inHandler()) throw new TypeError('distributionTenant module is not available');
    return {
      id: tenant.id,
      parameters: {
        get(key) {
          if (!Object.prototype.hasOwnProperty.call(tenant.parameters, key)) {
            throw named('DistributionTenantParameterKeyNotFound', 'the distribution tenant has no parameter ' + key);
          }
          return tenant.parameters[key];
        },
      },
    };
  }

  return {
    kvs,
    updateRequestOrigin: records('updateRequestOrigin'),
    selectRequestOriginById: records('selectRequestOriginById'),
    createRequestOriginGroup: records('createRequestOriginGroup'),
    logCustomData(text) {
      host.recordData(String(text));
    },
    get edgeLocation() {
      return host.isViewerRequest() ? Object.assign({}, edgeLocation) : {};
    },
    get distributionTenant() {
      return distributionTenant();
    },
    cwt,
  };
}
