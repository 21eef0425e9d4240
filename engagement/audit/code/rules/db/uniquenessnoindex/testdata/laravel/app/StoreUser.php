<?php

namespace App;

class StoreUser
{
    public function rules(): array
    {
        return [
            'email' => 'required|email|unique:users',
            'nickname' => 'required|unique:users,nickname', // want: db.uniqueness-no-index
        ];
    }
}
