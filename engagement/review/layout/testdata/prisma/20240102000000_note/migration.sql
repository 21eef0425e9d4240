-- AlterTable
ALTER TABLE "Order" ADD COLUMN "note" TEXT;

-- CreateIndex
CREATE INDEX "Order_note_idx" ON "Order"("note");
