import { Column, Table } from "sequelize-typescript";
import ParanoidModel from "./ParanoidModel";

@Table({ tableName: "airports", modelName: "airport" })
class Airport extends ParanoidModel {
  @Column
  name: string;
}

export async function close(ids: string[]) {
  await Airport.destroy({ where: { id: ids }, force: true });
}

export default Airport;
