// Anonymous Apex and the records of the Tooling API.
import { connect, tell } from "./org.mjs";

const conn = connect();
const run = (code) => conn.tooling.executeAnonymous(code);

tell({
  done: await run("Account a = new Account(Name = 'Ja one'); insert a; a.Phone = '1'; update a;"),
  wrong: await run("Account a = new Accont();"),
  thrown: await run("insert new Account(Name = 'Ja rolled back'); insert new Contact();"),
  sandboxes: (await conn.tooling.query("SELECT Id FROM SandboxProcess")).totalSize,
});
