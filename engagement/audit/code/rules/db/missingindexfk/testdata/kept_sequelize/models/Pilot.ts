import { Column, Table } from "sequelize-typescript";
import ParanoidModel from "./ParanoidModel";

@Table({ tableName: "pilots", modelName: "pilot" })
class Pilot extends ParanoidModel {
  @Column
  name: string;
}

export async function retire(pilot: Pilot) {
  await pilot.destroy();
}

export default Pilot;
