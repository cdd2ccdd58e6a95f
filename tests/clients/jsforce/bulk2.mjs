// Bulk API 2.0: ingest jobs at once and step by step, query jobs.
import { Readable } from "node:stream";
import { connect, refusal, tell } from "./org.mjs";

const conn = connect();
conn.bulk2.pollInterval = 50;
conn.bulk2.pollTimeout = 20000;
const load = (operation, input, more = {}) =>
  conn.bulk2.loadAndWaitForResults({ object: "Account", operation, input, ...more });

const inserted = await load("insert", [
  { Name: "J2 one", Phone: "1", Site: 'a "b",\nc' },
  { Name: "J2 two", Phone: "1" },
  { Name: "", Phone: "no name" },
]);
const ids = inserted.successfulResults.map((row) => row.sf__Id);
const updated = await load("update", [
  { Id: ids[0], Phone: null },
  { Id: ids[1], Phone: "2" },
]);
const upserted = await load("upsert", "ERP_Key__c,Name\nJ2-1,J2 three\n", { externalIdFieldName: "ERP_Key__c" });

const job = conn.bulk2.createJob({ object: "Account", operation: "insert" });
const opened = await job.open();
await job.uploadData(Readable.from(["Name\nJ2 four\n"]));
await job.close();
await job.poll(50, 20000);
const info = await job.check();
const results = await job.getAllResults();
await job.delete();

const aborted = conn.bulk2.createJob({ object: "Account", operation: "insert" });
await aborted.open();
await aborted.abort();
const abortedInfo = await aborted.check();

const soql = "SELECT Name, Phone, Site, Owner.Username FROM Account WHERE Name LIKE 'J2 %' ORDER BY Name";
const found = await (await conn.bulk2.query(soql)).toArray();
const deleted = await load("delete", [{ Id: ids[1] }]);
const all = await (await conn.bulk2.query(soql, { scanAll: true })).toArray();
const left = await (await conn.bulk2.query(soql)).toArray();

tell({
  inserted,
  updated,
  upserted,
  opened: opened.state,
  info: [info.state, info.numberRecordsProcessed, info.numberRecordsFailed],
  results,
  abortedState: abortedInfo.state,
  gone: await refusal(job.check()),
  found,
  deleted: deleted.successfulResults.length,
  left: left.map((row) => row.Name),
  all: all.map((row) => row.Name),
  refused: await refusal(load("insert", [{ Nope__c: "1" }])),
  wrong: await refusal(conn.bulk2.query("SELECT Nope FROM Account")),
});
