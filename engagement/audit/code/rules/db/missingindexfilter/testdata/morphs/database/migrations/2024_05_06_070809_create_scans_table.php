<?php

use Illuminate\Database\Migrations\Migration;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Support\Facades\Schema;

return new class extends Migration
{
    public function up(): void
    {
        Schema::create('letters', function (Blueprint $table) {
            $table->id();
        });
        Schema::create('scans', function (Blueprint $table) {
            $table->id();
            $table->unsignedBigInteger('scannable_id');
            $table->string('kind_of_owner');
            $table->integer('pages');
            $table->index(['kind_of_owner', 'scannable_id']);
        });
    }
};
