// The calls of the SOAP API.
import { connect, refusal, tell } from "./org.mjs";

const conn = connect();

const info = await conn.soap.getUserInfo();
const now = await conn.soap.getServerTimestamp();
const created = await conn.soap.create([
  { type: "Account", Name: "Js <one> & 'two'", Phone: "1" },
  { type: "Account", Phone: "no name" },
]);
const single = await conn.soap.create({ type: "Contact", LastName: "Js single" });
const updated = await conn.soap.update({ type: "Account", Id: created[0].id, Site: "Étage 2", fieldsToNull: ["Phone"] });
const upserted = [
  await conn.soap.upsert("ERP_Key__c", { type: "Account", ERP_Key__c: "JS-1", Name: "Js upserted" }),
  await conn.soap.upsert("ERP_Key__c", [{ type: "Account", ERP_Key__c: "JS-1", Name: "Js upserted again" }]),
];
const deleted = await conn.soap.delete([single.id]);
const whileDeleted = (await conn.query("SELECT Id FROM Contact WHERE LastName = 'Js single'")).totalSize;
const undeleted = await conn.soap.undelete([single.id]);

tell({
  info: { userName: info.userName, organizationId: info.organizationId, userId: info.userId },
  now: now.timestamp,
  created,
  single,
  updated,
  upserted,
  deleted,
  whileDeleted,
  undeleted,
  session: await refusal(connect({ accessToken: "wrong" }).soap.getUserInfo()),
});
