// Each way in which jsforce logs in.
import { generateKeyPairSync, sign } from "node:crypto";
import { connect, jsforce, refusal, tell, url } from "./org.mjs";

const USERNAME = "admin@acme.example";
const app = { loginUrl: url, clientId: "app", clientSecret: "made up" };
const count = async (conn) => (await conn.query("SELECT Id FROM User")).totalSize;

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const claims = { iss: "app", sub: USERNAME, aud: url, exp: Math.floor(Date.now() / 1000) + 180 };
const unsigned = `${part({ alg: "RS256" })}.${part(claims)}`;
const assertion = `${unsigned}.${sign("RSA-SHA256", Buffer.from(unsigned), privateKey).toString("base64url")}`;

const soap = new jsforce.Connection({ loginUrl: url });
const bySoap = await soap.login(USERNAME, "made up");
const soapIdentity = await soap.identity();

const password = new jsforce.Connection({ oauth2: app });
const byPassword = await password.login(USERNAME, "made up");

const credentials = new jsforce.Connection({ oauth2: app, instanceUrl: url });
const byCredentials = await credentials.authorize({ grant_type: "client_credentials" });

const bearer = new jsforce.Connection({ oauth2: app, instanceUrl: url });
const byJwt = await bearer.authorize({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion });

const counts = await Promise.all([soap, password, credentials, bearer].map(count));
await soap.logout();
await password.logout();

tell({
  users: [bySoap, byPassword, byCredentials, byJwt],
  counts,
  instances: [soap, password, credentials, bearer].map((conn) => conn.instanceUrl),
  soapIdentity: { username: soapIdentity.username, user: soapIdentity.user_id, org: soapIdentity.organization_id },
  identity: (await connect().identity()).username,
  loggedOut: [soap.accessToken, password.accessToken],
  stranger: await refusal(new jsforce.Connection({ loginUrl: url }).login("nobody@acme.example", "made up")),
  strangerOfApp: await refusal(new jsforce.Connection({ oauth2: app }).login("nobody@acme.example", "made up")),
  newVersion: await refusal(new jsforce.Connection({ loginUrl: url, version: "66.0" }).login(USERNAME, "made up")),
});
