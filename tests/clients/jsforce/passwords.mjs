// Passwords, by the calls of the SOAP API.
import { connect, refusal, tell } from "./org.mjs";

const conn = connect();
const [user] = (await conn.query("SELECT Id FROM User WHERE Username = 'owner@acme.example'")).records;

await conn.soap.setPassword(user.Id, "correct horse 1");

tell({
  short: await refusal(conn.soap.setPassword(user.Id, "short")),
  reset: await conn.soap.resetPassword(user.Id),
});
