// gRPC servers with the standard health service, as Google's own implementation has it: plain and, with a certificate, over
// TLS; and one that serves nothing. Says "ready" when all listen.
//
//   node grpc_health.js PLAIN_PORT TLS_PORT EMPTY_PORT CERTIFICATE KEY
'use strict';

const fs = require('fs');
const grpc = require('@grpc/grpc-js');
const { HealthImplementation } = require('grpc-health-check');

const [plainPort, tlsPort, emptyPort, certificate, key] = process.argv.slice(2);

function listen(port, credentials, health) {
  const server = new grpc.Server();
  if (health) health.addToServer(server);
  return new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, credentials, (error) => (error ? reject(error) : resolve()));
  });
}

const health = new HealthImplementation({ '': 'SERVING', well: 'SERVING', unwell: 'NOT_SERVING' });
const tls = grpc.ServerCredentials.createSsl(null, [
  { cert_chain: fs.readFileSync(certificate), private_key: fs.readFileSync(key) },
]);

Promise.all([
  listen(plainPort, grpc.ServerCredentials.createInsecure(), health),
  listen(tlsPort, tls, health),
  listen(emptyPort, grpc.ServerCredentials.createInsecure(), null),
]).then(() => console.log('ready'));
