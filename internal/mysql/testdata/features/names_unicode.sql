CREATE TABLE `größe` (`länge` int, `日本` varchar(10), KEY `ключ` (`länge`));
