import { Column, Model, Table } from "sequelize-typescript";

@Table({ tableName: "users", modelName: "user" })
class User extends Model {
  @Column
  name: string;
}

export async function leave(user: User) {
  await user.destroy();
}

export default User;
