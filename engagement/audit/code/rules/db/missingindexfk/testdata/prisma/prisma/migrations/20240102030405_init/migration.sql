CREATE TABLE "Project" ("id" TEXT NOT NULL, CONSTRAINT "Project_pkey" PRIMARY KEY ("id"));
CREATE TABLE "Run" ("id" TEXT NOT NULL, "projectId" TEXT NOT NULL, "createdAt" TIMESTAMP(3) NOT NULL, CONSTRAINT "Run_pkey" PRIMARY KEY ("id"));
CREATE TABLE "steps" ("id" TEXT NOT NULL, "run_id" TEXT NOT NULL, CONSTRAINT "steps_pkey" PRIMARY KEY ("id"));
