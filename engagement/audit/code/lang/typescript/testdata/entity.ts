import { Entity, Column as Col, type Repository } from 'typeorm';
import express, * as all from "express";
import "reflect-metadata";
import fs = require("fs");
export * from "./all";
export * as helpers from './helpers';
export { q as r, s } from "./q";

@Entity({ name: "users" })
export class User<T> extends ns.Base<T> implements Named, Comparable<User> {
  @Col({ length: 10 }) @Index
  name: string = "a";
  private readonly handler = async (req: Request) => { await this.work(req); };
  static count?: number;
  orders!: Promise<Order[]>;
  #secret = 1;

  constructor(@InjectRepository(User) private readonly users: Repository<User>, limit = 1, ...rest: any[]) {
    super(limit);
  }

  @Get(":id")
  @orm.Cached
  // napkin: allow n-plus-one
  async find(@Param("id") id: string, opts?: Options): Promise<User[]> {
    return this.users.find<User>({ where: { id }, ...opts, [key]: 1, get() { return 1; } });
  }

  protected get total(): number { return 1; }
  static async *[Symbol.iterator]() { yield 1; }
  abstract missing(a: string): void;
  static { init(); }
}

export interface Named extends Base, Keyed<string> { a: string; b?(x: number): void; readonly c: () => void; [k: string]: any }
type Point = { x: number; y: number };
export type Id = string | number;
export const enum Level { Low, High = 2, Other = "o" }
declare module "foo" { export const z: number; }
namespace N { export function f(a: string): void; }
export abstract class Empty {}
export default class extends Empty {}
export default async (a: number) => a;
export = User;
export { User as Person };
